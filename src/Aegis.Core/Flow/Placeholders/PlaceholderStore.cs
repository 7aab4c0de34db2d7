using System.Diagnostics.CodeAnalysis;

namespace Aegis.Flow.Placeholders;

/// <summary>The placeholders of this process's sessions; bounded. What is forgotten stays a placeholder.</summary>
internal sealed class PlaceholderStore
{
    private const int Capacity = 16_384;

    private readonly Generations<SessionId, SessionPlaceholders> _sessions = new(Capacity);

    public bool TryGet(SessionId session, [MaybeNullWhen(false)] out SessionPlaceholders placeholders) => _sessions.TryGet(session, out placeholders);

    public SessionPlaceholders Of(SessionId session) => _sessions.GetOrAdd(session, static () => new());
}
