"""What firms weigh, agree on and hold in common: an alliance from its appraisal to its last terms, for the phases."""
