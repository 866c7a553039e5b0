"""What the use cases ask of the world, one protocol per part."""
