"""What an organisation says of itself: its profile, how whole that is, its logo and register numbers."""
