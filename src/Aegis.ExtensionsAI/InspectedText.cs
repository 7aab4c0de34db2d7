using Aegis.Guarding;

namespace Aegis.ExtensionsAI;

/// <summary>What came of a text: the text as it may go on, or what stopped it. Remembered without the text where it goes on unchanged.</summary>
/// <param name="Text">The text that goes on; null when none does, and in the memory when it is the one that was read.</param>
/// <param name="Stopped">What stopped it; null when it goes on.</param>
internal readonly record struct InspectedText(string? Text, Inspection? Stopped)
{
    /// <summary>Whether it stands in a text's place: a notice, or data that was taken out of it.</summary>
    public bool IsStandIn { get; init; }
}
