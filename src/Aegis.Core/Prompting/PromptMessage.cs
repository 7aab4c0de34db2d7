namespace Aegis.Prompting;

/// <summary>One message of a prompt. Printed it says its role and length, never its text. Immutable.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Text">What is said, as the model gets it.</param>
public sealed record PromptMessage(PromptRole Role, string Text)
{
    /// <summary>What it holds.</summary>
    internal PromptPart Part { get; init; }

    /// <summary>Text from outside before it was marked, and where it comes from.</summary>
    internal (string Text, string Label)? Content { get; init; }

    /// <summary>Role and length.</summary>
    /// <returns>For example <c>[User, 1234]</c>.</returns>
    public override string ToString() => FormattableString.Invariant($"[{Role}, {Text.Length}]");
}
