namespace Aegis.Judging;

/// <summary>What users asked for last, by session, for judges. Bounded; thread-safe.</summary>
internal sealed class JudgeRequests
{
    private const int Capacity = 16_384;
    private const int MaxLength = 4_000;   // characters; the newest stay

    private readonly Generations<SessionId, string> _texts = new(Capacity);
    private readonly Lock _lock = new();

    /// <summary>A user has typed something that goes on.</summary>
    public void Add(SessionId session, string text)
    {
        lock (_lock)
        {
            var whole = _texts.TryGet(session, out var before) && text.Length < MaxLength ? $"{before}\n{text}" : text;
            _texts.Set(session, whole.Length <= MaxLength ? whole : whole[^MaxLength..]);
        }
    }

    public string? Of(SessionId session) => _texts.TryGet(session, out var text) ? text : null;
}
