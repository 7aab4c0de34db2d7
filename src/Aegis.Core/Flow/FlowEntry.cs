namespace Aegis.Flow;

/// <summary>What was added to a memory, or all of one, as another memory of the session takes it up: adding it twice, or in another order, makes no difference within the bounds.</summary>
internal sealed class FlowEntry
{
    private const int MaxItems = 4_096;

    public SessionLabels Labels { get; set; }

    /// <summary>Whether the session has read something that the memory does not know.</summary>
    public bool IsForgotten { get; set; }

    /// <summary>Whether private spans gave way.</summary>
    public bool HasLostPrivate { get; set; }

    public List<TrustedText> User { get; } = [];

    public List<TrustedText> System { get; } = [];

    public List<(ulong Key, FieldSource Source)> Fields { get; } = [];

    public List<uint> Spans { get; } = [];

    public List<KnownCall> Calls { get; } = [];

    /// <summary>Whether there is more in it than in a full memory.</summary>
    public bool IsTooLong => Spans.Count + Fields.Count + User.Count + System.Count + Calls.Count > MaxItems;
}
