namespace Aegis.Sandboxing;

/// <summary>What a value of a schema is.</summary>
internal enum ExtractionKind
{
    Object,
    Array,

    /// <summary>A stretch of the document.</summary>
    Text,

    /// <summary>A word of the schema.</summary>
    Choice,

    Integer,
    Number,
    Boolean,
}
