using System.Text;
using Aegis.Guarding;
using Aegis.Streaming;

namespace Aegis.ExtensionsAI;

/// <summary>
/// Text, or reasoning, of one answer: what was let out of it, and what reads on. What follows is read behind everything that may still be the beginning of
/// something: the end of its own message, of its kind, and of what else was said last. Not thread-safe: one answer, one of each kind.
/// </summary>
internal sealed class Speech(GuardPipeline pipeline, AegisRun run)
{
    private const int MostBefore = 512;   // characters, as long as any match
    private const int MostMessages = 64;
    private const int MostOthers = 8;

    private readonly Dictionary<string, string> _ends = new(StringComparer.Ordinal);   // of the messages that others interrupt
    private readonly List<(StreamMonitor Monitor, int Skipped)> _others = [];   // each behind another beginning; they read what those before them let out, but for so many characters that were said earlier
    private StreamMonitor _monitor = new(pipeline, run, 0);
    private int _left;   // of what was let out, what stands in the ends

    /// <summary>All that was let out.</summary>
    public StringBuilder Said { get; } = new();

    /// <summary>Whether nothing was read since it was renewed.</summary>
    public bool IsFresh { get; private set; } = true;

    /// <summary>Characters of the answer so far.</summary>
    public long Position => _monitor.Position;

    /// <summary>What ended it, or null.</summary>
    public Inspection? Stopped => _monitor.Stopped ?? _others.Find(static other => other.Monitor.Stopped is not null).Monitor?.Stopped;

    /// <summary>What was let out last.</summary>
    public string End => Said.ToString(Math.Max(0, Said.Length - MostBefore), Math.Min(Said.Length, MostBefore));

    /// <summary>What was read last, if some of it is held back; else null.</summary>
    public string? Open => _monitor.HeldBack > 0 ? _monitor.Tail : _others.Find(static other => other.Monitor.HeldBack > 0).Monitor?.Tail;

    /// <summary>Whether something was read of which it is not decided whether it is shown, or that waits for the end.</summary>
    public bool HoldsBack => _monitor.HeldBack > 0 || _others.Exists(static other => other.Monitor.HeldBack > 0);

    /// <summary>Where the marks stand that what was given out last has come to, in order.</summary>
    public List<int> Cuts { get; } = [];

    /// <summary>Where the policy has no pattern for answers and no guard of the app's own reads them, only their length counts.</summary>
    public bool Passes(string text) => _others.Count == 0 && _monitor.Passes(text);

    /// <summary>Looks whether the session was locked meanwhile, if it is time to.</summary>
    public ValueTask LookAsync(CancellationToken cancellationToken) => _monitor.LookAsync(cancellationToken);

    /// <summary>Marks the place behind what was read so far, of which something is held back: what comes before it, and what behind, can be told apart when it is shown.</summary>
    public void Mark() => (_monitor.HeldBack > 0 ? _monitor : _others.Find(static other => other.Monitor.HeldBack > 0).Monitor).Mark();

    /// <summary>Takes in the next piece and gives out what may be shown.</summary>
    public async ValueTask<string> PushAsync(string text, CancellationToken cancellationToken)
    {
        var shown = (await _monitor.PushAsync(text, cancellationToken)).ToString();
        Cuts.Clear();
        Cuts.AddRange(_monitor.Cuts);
        for (var i = 0; i < _others.Count; i++)
        {
            shown = await PushAsync(i, shown, cancellationToken);
        }

        if (Stopped is null)
        {
            _others.RemoveAll(static other => other is { Skipped: 0, Monitor: { IsOpen: false, HeldBack: 0 } });   // what began there is over
        }

        return shown;
    }

    /// <summary>It has ended, or something else comes: gives out the rest.</summary>
    public async ValueTask<string> FlushAsync(CancellationToken cancellationToken)
    {
        var shown = (await _monitor.FlushAsync(cancellationToken)).ToString();
        Cuts.Clear();
        Cuts.AddRange(_monitor.Cuts);
        for (var i = 0; i < _others.Count; i++)
        {
            shown = await PushAsync(i, shown, cancellationToken);
            var rest = await _others[i].Monitor.FlushAsync(cancellationToken);
            AddCuts(_others[i].Monitor, shown.Length);
            shown += rest;
        }

        return shown;
    }

    /// <summary>What the other kind has said meanwhile, and holds back, may go on here, though something else is held back here.</summary>
    public void Watch(string other)
    {
        if (_others.Count < MostOthers)
        {
            Add(other, _monitor.HeldBack + _others.Sum(static known => known.Monitor.HeldBack));
        }
    }

    /// <summary>Begins anew.</summary>
    /// <param name="position">Characters that the answer has said before.</param>
    public void Renew(long position)
    {
        (_monitor, IsFresh) = (new(pipeline, run, position), true);
        _others.Clear();
    }

    /// <summary>Goes on behind what was said.</summary>
    /// <param name="message">The message that goes on.</param>
    /// <param name="other">What the other kind has said last and holds back; null: nothing.</param>
    /// <param name="last">What was let out last.</param>
    public void Begin(string? message, string? other, string last)
    {
        IsFresh = false;
        var own = message is null ? null : _ends.GetValueOrDefault(message);
        var words = own ?? last;
        _monitor.Continue(words);   // they count, whether anything goes on or not
        foreach (var before in new[] { End, other, last }.Where(before => before is { Length: > 0 } && before != words).Distinct(StringComparer.Ordinal))
        {
            Add(before!, skipped: 0);
        }
    }

    /// <summary>Another message comes; this one may go on later.</summary>
    public void Leave(string? message)
    {
        var said = Said.ToString(_left, Said.Length - _left);
        _left = Said.Length;
        if (message is not null && said.Length > 0)
        {
            said = _ends.GetValueOrDefault(message, "") + said;
            if (_ends.Count >= MostMessages)
            {
                _ends.Clear();
            }

            _ends[message] = said[^Math.Min(said.Length, MostBefore)..];
        }
    }

    private void Add(string before, int skipped)
    {
        var monitor = new StreamMonitor(pipeline, run, Position);
        monitor.Continue(before);
        if (monitor.IsOpen)
        {
            _others.Add((monitor, skipped));
        }
    }

    /// <summary>What those before it let out goes on through another one, cut at the marks.</summary>
    private async ValueTask<string> PushAsync(int other, string text, CancellationToken cancellationToken)
    {
        if (Cuts.Count == 0)
        {
            return await PushPartAsync(other, text, 0, cancellationToken);
        }

        int[] cuts = [.. Cuts];
        Cuts.Clear();
        var (shown, at) = ("", 0);
        foreach (var cut in cuts)
        {
            var end = Math.Clamp(cut, at, text.Length);   // what ends the answer may have cut it shorter
            shown += await PushPartAsync(other, text[at..end], shown.Length, cancellationToken);
            at = end;
            if (_others[other].Monitor is { HeldBack: > 0 } monitor)
            {
                monitor.Mark();
            }
            else
            {
                Cuts.Add(shown.Length);
            }
        }

        return shown + await PushPartAsync(other, text[at..], shown.Length, cancellationToken);
    }

    private async ValueTask<string> PushPartAsync(int other, string text, int before, CancellationToken cancellationToken)
    {
        var (monitor, skipped) = _others[other];
        var passed = Math.Min(skipped, text.Length);
        _others[other] = (monitor, skipped - passed);
        var shown = await monitor.PushAsync(text[passed..], cancellationToken);
        AddCuts(monitor, before + passed);
        return text[..passed] + shown;
    }

    private void AddCuts(StreamMonitor monitor, int before)
    {
        var cuts = monitor.Cuts;
        for (var i = 0; i < cuts.Count; i++)
        {
            Cuts.Add(before + cuts[i]);
        }
    }
}
