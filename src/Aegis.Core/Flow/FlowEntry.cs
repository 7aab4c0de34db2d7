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

    /// <summary>Characters of the longest name of a tool or a field in it.</summary>
    public int LongestName => Fields.Select(static one => Math.Max(Math.Max(one.Source.Tool.Length, one.Source.Field.Length), one.Source.Within.Length)).Concat(Calls.Select(static call => call.Tool.Length)).DefaultIfEmpty().Max();

    /// <summary>Whether there is more in it than in a full memory.</summary>
    public bool IsTooLong => Spans.Count + Fields.Count + User.Count + System.Count + Calls.Count > MaxItems;
}
