"""What one person may read of answers, conversations, complaints and suspicious texts, for every face that shows it."""
