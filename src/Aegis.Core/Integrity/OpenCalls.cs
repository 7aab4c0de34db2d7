namespace Aegis.Integrity;

/// <summary>The calls of a conversation that nothing has answered so far. Not safe for concurrent use.</summary>
internal sealed class OpenCalls
{
    private readonly HashSet<string> _calls = new(StringComparer.Ordinal);

    public OpenCalls()
    {
    }

    private OpenCalls(OpenCalls other) => _calls.UnionWith(other._calls);

    /// <summary>Whether every call has its result.</summary>
    public bool AreNone => _calls.Count is 0;

    /// <summary>Opens a call.</summary>
    /// <returns>Whether none of this id was open.</returns>
    public bool Open(string call) => _calls.Add(call);

    /// <summary>Answers a call.</summary>
    /// <returns>Whether it was open.</returns>
    public bool Close(string call) => _calls.Remove(call);

    /// <summary>Goes on with a message.</summary>
    public void Add(HistoryMessage message)
    {
        foreach (var part in message.Parts)
        {
            if (part.Kind is HistoryPartKind.Call)
            {
                Open(part.CallId);
            }
            else if (part.Kind is HistoryPartKind.Result)
            {
                Close(part.CallId);
            }
        }
    }

    public OpenCalls Clone() => new(this);
}
