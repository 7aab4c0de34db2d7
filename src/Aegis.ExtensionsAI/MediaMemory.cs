using Aegis.Guarding;
using Aegis.Media;

namespace Aegis.ExtensionsAI;

/// <summary>What was read in media, so that a conversation that comes again is not read again. Bounded by what it holds, in two generations; thread-safe.</summary>
internal sealed class MediaMemory
{
    private const long Capacity = 64L * 1024 * 1024;   // bytes
    private const int Overhead = 256;

    private readonly Lock _lock = new();
    private Dictionary<(GuardPipeline Policy, SessionId Session, UInt128 Key), MediaReading> _young = [];
    private Dictionary<(GuardPipeline Policy, SessionId Session, UInt128 Key), MediaReading> _old = [];
    private long _held;

    public MediaReading? TryGet(GuardPipeline policy, SessionId session, UInt128 key)
    {
        lock (_lock)
        {
            return _young.GetValueOrDefault((policy, session, key)) ?? _old.GetValueOrDefault((policy, session, key));
        }
    }

    public void Remember(GuardPipeline policy, SessionId session, UInt128 key, MediaReading reading)
    {
        var size = reading.Data.Length + ((long)reading.Text.Length * sizeof(char)) + Overhead;
        if (size > Capacity / 2)
        {
            return;
        }

        lock (_lock)
        {
            if (_held + size > Capacity / 2)
            {
                (_old, _young, _held) = (_young, [], 0);
            }

            _young[(policy, session, key)] = reading;
            _held += size;
        }
    }
}
