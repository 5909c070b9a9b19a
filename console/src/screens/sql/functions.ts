// Names that are completed: the engine's usual functions, and Florin's own.

export const functions: readonly string[] = [
  'abs', 'approx_distinct', 'approx_percentile_cont', 'array_agg', 'avg', 'bool_and', 'bool_or', 'ceil', 'char_length', 'coalesce', 'complains_of', 'concat', 'corr', 'count', 'date_bin', 'date_part', 'date_trunc',
  'dense_rank', 'exp', 'extract', 'first_value', 'floor', 'greatest', 'lag', 'language', 'last_value', 'lead', 'least', 'left', 'length', 'ln', 'lower', 'max', 'median', 'min', 'mood', 'now', 'ntile',
  'nullif', 'opinion', 'percent_rank', 'power', 'rank', 'regexp_like', 'regexp_replace', 'replace', 'retention', 'right', 'round', 'row_number', 'sequence_count', 'sequence_match', 'session_count', 'sessionize', 'split_part', 'sqrt', 'stddev', 'string_agg', 'strpos', 'substr', 'sum',
  'to_char', 'to_date', 'to_timestamp', 'trim', 'upper', 'urgency', 'var_pop', 'window_funnel',
];
