"""What is found beside the figures: codes with their own figures, and the words for them."""
