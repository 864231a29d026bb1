"""What every distribution of the table shares: protocols, coordinates, sampler."""
