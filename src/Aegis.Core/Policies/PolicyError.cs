namespace Aegis.Policies;

/// <summary>One mistake in a policy.</summary>
/// <param name="Path">Where, as a JSON path.</param>
/// <param name="Message">The culprit and the way out.</param>
public sealed record PolicyError(string Path, string Message)
{
    /// <summary>Path and message on one line.</summary>
    /// <returns>The text form.</returns>
    public override string ToString() => $"{Path}: {Message}";
}
