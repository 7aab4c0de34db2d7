namespace Aegis.Policies;

/// <summary>What a field of extracted data is, as JSON has it.</summary>
public enum FieldType
{
    /// <summary>A stretch of the document to the letter, or one of the words of <see cref="FieldPolicy.Enum"/>.</summary>
    String,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A number without a fraction.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,
}
