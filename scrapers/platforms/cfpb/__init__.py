"""CFPB Consumer Complaint Database: complaints about financial companies in the US."""
