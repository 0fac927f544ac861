"""What ``calaudit audit`` adds to its stages: both sides of a calibrator, and the answer."""
