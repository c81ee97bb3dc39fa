"""What Bouclier costs and what its shield finds, measured; never part of the product."""
