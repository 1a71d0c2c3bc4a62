"""The paper exchange: one writer, one ledger, every answer stored before it is given."""
