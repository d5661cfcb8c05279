"""The pages of a vote: for voters, for whoever checks a receipt, and for the projector."""
