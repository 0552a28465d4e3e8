"""What training reports, keeps and can replay."""
