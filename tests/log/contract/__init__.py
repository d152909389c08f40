"""What every log that several machines share keeps, whatever it lies in."""
