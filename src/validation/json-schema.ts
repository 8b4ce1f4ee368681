// A JSON Schema as this package handles it: keywords and their values.
export type JsonSchema = Readonly<Record<string, unknown>>;
