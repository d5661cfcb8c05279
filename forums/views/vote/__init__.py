"""What a voter, a passer-by and the room's screen see of a vote."""
