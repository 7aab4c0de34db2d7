using Aegis.Auditing;
using Aegis.Guarding;

namespace Aegis.Replaying;

/// <summary>Gives again what was heard, in the same order. What was not heard then, nobody answers.</summary>
/// <param name="isHashed">Whether content was not kept.</param>
/// <param name="blobs">The answers.</param>
/// <param name="channels">Which of them, by channel.</param>
/// <param name="isWhatIf">Whether sessions stay as they were where an inspection goes further than then.</param>
/// <param name="reading">Reads an answer.</param>
internal sealed class TapePlayer(bool isHashed, IReadOnlyList<byte[]> blobs, IReadOnlyDictionary<string, List<int>> channels, bool isWhatIf, Func<byte[], TapeReader> reading) : Tape
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, int> _heard = new(StringComparer.Ordinal);

    /// <summary>What was asked that nobody was asked then; null: nothing.</summary>
    public string? Diverged { get; private set; }

    /// <summary>Who was asked then and is not now; null: nobody. The time and what is remembered decide nothing by themselves, and are asked for besides.</summary>
    public string? Unheard
    {
        get
        {
            lock (_lock)
            {
                foreach (var (channel, known) in channels)
                {
                    if (_heard.GetValueOrDefault(channel) < known.Count && channel is not (TapeChannels.Clock or TapeChannels.Memory or TapeChannels.Placeholders))
                    {
                        return $"'{NameOf(channel)}' is asked less often than then";
                    }
                }

                return null;
            }
        }
    }

    public override bool IsHashed => isHashed;

    public override bool IsPlaying => true;

    public override T Ask<T>(string channel, TapeCodec<T> codec, Func<T> real)
    {
        var reader = reading(Next(channel));
        if (reader.Flag())
        {
            throw new ReplayedException(reader.Name());
        }

        try
        {
            var answer = codec.Read(reader);
            reader.End();
            return answer;
        }
        catch (DivergedException e)
        {
            Diverged ??= e.Message;
            throw;
        }
    }

    public override ValueTask<T> AskAsync<T>(string channel, TapeCodec<T> codec, Func<ValueTask<T>> real) => new(Ask(channel, codec, static () => default(T)!));

    public override void Refuse(string why)
    {
        // It was kept, so that nothing had part in it that cannot be.
    }

    public override void Diverge(string how)
    {
        lock (_lock)
        {
            Diverged ??= how;
        }
    }

    public override IAuditContent? ContentOf(Inspection outcome, int index = 0) => null;

    private byte[] Next(string channel)
    {
        lock (_lock)
        {
            var next = _heard.GetValueOrDefault(channel);
            var known = channels.GetValueOrDefault(channel) ?? [];
            if (next == known.Count && next > 0 && (channel is TapeChannels.Clock || (isWhatIf && TapeChannels.IsSession(channel))))
            {
                next--;   // time that goes on unasked
            }

            if (next >= known.Count)
            {
                Diverged ??= $"'{NameOf(channel)}' is asked once more than then";
                throw new DivergedException(Diverged);
            }

            _heard[channel] = next + 1;
            return blobs[known[next]];
        }
    }

    /// <summary>Sessions have names that say nothing.</summary>
    private static string NameOf(string channel) => TapeChannels.IsSession(channel) ? "a session" : channel;
}
