namespace Aegis;

/// <summary>A schema says something that cannot be enforced, or leaves something open.</summary>
public sealed class ExtractionSchemaException : AegisException
{
    internal ExtractionSchemaException(IReadOnlyList<string> mistakes)
        : base("The schema is refused:" + string.Concat(mistakes.Select(static mistake => $"\n  {mistake}"))) => Mistakes = mistakes;

    /// <summary>Every mistake.</summary>
    public IReadOnlyList<string> Mistakes { get; }
}
