"""What one person may read of an answer, a conversation or a complaint, for every face that shows it."""
