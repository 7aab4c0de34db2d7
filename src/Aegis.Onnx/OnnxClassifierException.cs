namespace Aegis;

/// <summary>A classifier was refused when it was loaded.</summary>
public sealed class OnnxClassifierException : AegisException
{
    /// <summary>A refused classifier.</summary>
    /// <param name="errors">Every mistake.</param>
    public OnnxClassifierException(IReadOnlyList<OnnxClassifierError> errors)
        : base("The classifier is refused:" + string.Concat((errors ?? throw new ArgumentNullException(nameof(errors))).Select(static e => $"\n  {e}"))) => Errors = errors;

    /// <summary>Every mistake.</summary>
    public IReadOnlyList<OnnxClassifierError> Errors { get; }
}
