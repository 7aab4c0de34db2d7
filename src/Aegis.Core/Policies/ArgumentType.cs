namespace Aegis.Policies;

/// <summary>What an argument is, as JSON has it. A text that says a number is a text.</summary>
public enum ArgumentType
{
    /// <summary>A text.</summary>
    String,

    /// <summary>A number.</summary>
    Number,

    /// <summary>A number without a fraction.</summary>
    Integer,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>Members.</summary>
    Object,

    /// <summary>A list.</summary>
    Array,
}
