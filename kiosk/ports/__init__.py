"""What the rings ask of each other. Each port has a real and a simulated implementation and one contract suite."""
