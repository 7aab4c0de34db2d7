using System.Diagnostics.CodeAnalysis;

namespace Aegis.Flow.Placeholders;

/// <summary>The placeholders of this process's sessions; bounded. What is forgotten stays a placeholder.</summary>
internal sealed class PlaceholderStore
{
    private const int Capacity = 16_384;

    private readonly Generations<SessionId, SessionPlaceholders> _sessions = new(Capacity);
    private readonly Lock _adding = new();

    public bool TryGet(SessionId session, [MaybeNullWhen(false)] out SessionPlaceholders placeholders) => _sessions.TryGet(session, out placeholders);

    public SessionPlaceholders Of(SessionId session)
    {
        if (_sessions.TryGet(session, out var placeholders))
        {
            return placeholders;
        }

        lock (_adding)
        {
            if (!_sessions.TryGet(session, out placeholders))
            {
                placeholders = new();
                _sessions.Set(session, placeholders);
            }

            return placeholders;
        }
    }
}
