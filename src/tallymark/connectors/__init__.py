"""Where records come from: one package per source, each turning what it reads into batches for ingest."""
