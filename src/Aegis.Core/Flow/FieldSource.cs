using Aegis.Tools.Effects;

namespace Aegis.Flow;

/// <summary>Where fields come from: a tool, and the field's name.</summary>
/// <param name="Tool">The tool's name.</param>
/// <param name="Effect">What the tool does.</param>
/// <param name="Field">The field's name; empty for items of a list.</param>
/// <param name="IsNamed">Whether the record that it stands in holds a word of what the user asked for, or the user named where it was read from.</param>
/// <param name="IsTrusted">Whether the policy says that nobody but the app writes there.</param>
internal sealed record FieldSource(string Tool, ToolEffect Effect, string Field, bool IsNamed, bool IsTrusted)
{
    /// <summary>The list that its record is an item of: attendees, members.</summary>
    public string Within { get; init; } = "";

    /// <summary>Whether it is no field of data, but stands alone behind its label in a document that the user named.</summary>
    public bool IsLabelled { get; init; }

    /// <summary>The same place says the same, whatever object tells what its tool does.</summary>
    public bool Equals(FieldSource? other) => other is not null && (Tool, Field, IsNamed, IsTrusted, IsLabelled, Within) == (other.Tool, other.Field, other.IsNamed, other.IsTrusted, other.IsLabelled, other.Within);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Tool, Field, IsNamed, IsTrusted, IsLabelled, Within);
}
