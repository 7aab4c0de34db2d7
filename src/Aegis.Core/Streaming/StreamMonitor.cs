using System.Text;
using Aegis.Answers;
using Aegis.Guarding;
using Aegis.Scanning;

namespace Aegis.Streaming;

/// <summary>
/// Lets an answer out as it arrives, holding back what may still become part of a finding. What comes out does not depend on how the text was cut
/// into chunks. Not thread-safe: one answer, one monitor.
/// </summary>
internal sealed class StreamMonitor(GuardPipeline pipeline, AegisRun run, long before = 0)
{
    private const int Context = 64;     // characters before what is judged that an app's own guard sees
    private const int Kept = 2_048;     // characters that were judged, before they are forgotten; what is judged is copied, with at most
    private const int Copied = 512;     // of them
    private const int Smallest = 1_024; // characters of a window that it begins with
    private const int Largest = 1_024;  // characters that are read at a time
    private const int Horizon = 4_096;  // characters beyond the limit that are looked at for what fits

    private const int Patience = 4;     // of what is held back so much more must come before it is read again, so that each character is read a bounded number of times
    private const int LookEvery = 256;   // characters, after which it is seen whether the session was locked meanwhile

    private static readonly TimeSpan LookAfter = TimeSpan.FromSeconds(1);   // the same for an answer that comes slowly

    private const int MaxUnsettled = 8_192;   // characters, white or invisible, that make no canonical one

    private char[] _window = [];
    private int _count;   // characters of it
    private readonly int[] _resumes = new int[pipeline.Policy.OutputReaders.Count];   // in the window: where each reader must go on
    private readonly bool _isMonitor = pipeline.Policy.IsMonitor || pipeline.Policy.IsOff;
    private readonly StringBuilder? _buffer = pipeline.Policy is { IsBuffered: true, IsMonitor: false, IsOff: false } ? new() : null;
    private long _offset = before;   // of the window in the answer, with what the answer said before this text
    private int _settled;         // in the window: everything that begins before is judged
    private int _emitted;         // in the window: everything before has gone out or was swallowed; at least _settled
    private int _redacted = -1;   // in the window: where the last redaction ends

    private readonly bool _mayBeLocked = run.Session.MayBeLocked && pipeline.Policy is { IsMonitor: false, IsOff: false };
    private long _looked = pipeline.Services.Time.GetTimestamp();
    private int _unlooked;   // characters that have come since

    private readonly OutputSieve? _sieve = pipeline.Policy.IsSieved ? new() : null;

    private CodeFence _fence;     // where this text begins, or the window
    private int _fenceAt;         // in the window: where that is
    private CanaryFragments.Reader? _pieces = pipeline.Policy.Fragments is { } fragments ? new(fragments, run.Answers) : null;   // until one was found
    private readonly InstructionProgress _progress = new();
    private string? _failure;     // what a reader threw
    private bool _isHeld;         // whether a reader holds something back of which the sieve knows nothing
    private bool _isHeldInLanes;  // whether another one does
    private int _look;            // in the window: what is shorter is not read again yet, unless nothing goes on any more
    private int _clear;           // in the window: where that was so when it was read
    private Queue<long>? _marks;  // in the answer: places that what goes out has not come to
    private List<int>? _cuts;     // in what goes out next: those that it has come to
    private int _made;            // characters of what goes out next, but for what is kept until the end
    private bool _isWhole;        // whether all that was kept until the end has gone out

    /// <summary>What ended the answer, or null.</summary>
    public Inspection? Stopped { get; private set; }

    /// <summary>Gets every finding, with its range in the answer; null: nobody asks.</summary>
    public List<Finding>? Found { get; init; }

    /// <summary>Whether the end of what was read may still become part of a finding.</summary>
    public bool IsOpen => _settled < _count;

    /// <summary>Characters that have not gone out yet: what may still become part of a finding, and all that waits for the end of the answer.</summary>
    public int HeldBack => Math.Max(0, _count - _emitted) + (_buffer?.Length ?? 0);

    /// <summary>What was read last, up to some thousand characters.</summary>
    public string Tail => new(_window, 0, _count);

    /// <summary>Characters of the answer so far.</summary>
    public long Position => _offset + _count;

    /// <summary>Where the marks stand that what was given out last has come to, in order. What stands for a value that goes on behind a mark stands before it.</summary>
    public IReadOnlyList<int> Cuts => _cuts is not null && (_buffer is null || _isWhole) ? _cuts : [];

    /// <summary>Marks the place behind what was read so far, of which something is held back.</summary>
    public void Mark() => (_marks ??= []).Enqueue(Position);

    /// <summary>Takes in the next piece and gives out what may be shown, until the next call; it is the piece itself where that goes out as it came.</summary>
    public ValueTask<ReadOnlyMemory<char>> PushAsync(string chunk, CancellationToken cancellationToken)
    {
        Begin();
        if (MustLook())
        {
            return LookAndPushAsync(chunk, cancellationToken);
        }

        _unlooked += chunk.Length;
        return PushPartAsync(chunk, cancellationToken);
    }

    /// <summary>Looks whether the session was locked meanwhile, if it is time to: after so many characters, or so long.</summary>
    public ValueTask LookAsync(CancellationToken cancellationToken) => MustLook() ? LookNowAsync(cancellationToken) : default;

    private async ValueTask<ReadOnlyMemory<char>> LookAndPushAsync(string chunk, CancellationToken cancellationToken)
    {
        await LookNowAsync(cancellationToken);
        _unlooked = chunk.Length;
        return await PushPartAsync(chunk, cancellationToken);
    }

    private bool MustLook() => _mayBeLocked && Stopped is null && (_unlooked >= LookEvery || pipeline.Services.Time.GetElapsedTime(_looked) >= LookAfter);

    private async ValueTask LookNowAsync(CancellationToken cancellationToken)
    {
        (_unlooked, _looked) = (0, pipeline.Services.Time.GetTimestamp());
        if (await pipeline.LockedAsync(run, cancellationToken) is { } locked)
        {
            Stopped = await pipeline.RecordAsync(new OutputWindow("") { Offset = _offset }, run, locked, cancellationToken);
        }
    }

    private ValueTask<ReadOnlyMemory<char>> PushPartAsync(string chunk, CancellationToken cancellationToken)
    {
        Forget(Kept);
        if (Stopped is not null || IsCounted(chunk))
        {
            return new(Stopped is null ? chunk.AsMemory() : default);
        }

        if (chunk.Length > Largest)
        {
            return PushPartsAsync(chunk, cancellationToken);
        }

        Append(chunk);
        if (_buffer is not null)
        {
            return BufferAsync(chunk, isLast: false, cancellationToken);
        }

        var mayPass = _failure is null && _pieces is null && !IsTooSoon() && _count - _settled <= MaxUnsettled && _offset + _count <= pipeline.Policy.MaxOutput;
        return mayPass && Settled(out var isClean) is var settled && isClean ? new(Pass(settled, chunk)) : GiveOutAsync(chunk, isLast: false, cancellationToken);
    }

    /// <summary>A long piece is read in parts, so that only those are looked at closely in which something may be.</summary>
    private async ValueTask<ReadOnlyMemory<char>> PushPartsAsync(string chunk, CancellationToken cancellationToken)
    {
        var released = new StringBuilder(chunk.Length);
        for (var at = 0; at < chunk.Length && Stopped is null; at += Largest)
        {
            released.Append(await PushPartAsync(chunk.Substring(at, Math.Min(Largest, chunk.Length - at)), cancellationToken));
        }

        return released.ToString().AsMemory();
    }

    /// <summary>Goes on behind a text that was judged and shown: of a value that begins in it, the rest does not go out.</summary>
    public void Continue(string shown)
    {
        Append(shown);
        _offset = Math.Max(0, _offset - shown.Length);
        (_emitted, _fenceAt) = (_count, _count);
        _settled = Settled(out _);
    }

    /// <summary>The answer has ended: gives out the rest.</summary>
    public async ValueTask<ReadOnlyMemory<char>> FlushAsync(CancellationToken cancellationToken)
    {
        Begin();
        await LookAsync(cancellationToken);
        return await (_buffer is not null ? BufferAsync("", isLast: true, cancellationToken) : GiveOutAsync("", isLast: true, cancellationToken));
    }

    /// <summary>Where the policy has no pattern for answers and no guard of the app's own reads them, only their length counts.</summary>
    public bool Passes(string chunk)
    {
        if (MustLook() || !IsCounted(chunk))
        {
            return false;
        }

        _unlooked += chunk.Length;
        return true;
    }

    private bool IsCounted(string chunk)
    {
        if (_buffer is not null || !pipeline.Policy.OnlyCountsOutput || Stopped is not null || _count > 0 || _offset + chunk.Length > pipeline.Policy.MaxOutput || (chunk.Length > 0 && char.IsHighSurrogate(chunk[^1])))
        {
            return false;
        }

        _offset += chunk.Length;
        _made += chunk.Length;
        return true;
    }

    private void Begin()
    {
        _made = 0;
        if (_buffer is null)
        {
            _cuts?.Clear();
        }
    }

    /// <summary>What goes out has come to a place in the window.</summary>
    /// <param name="end">The place.</param>
    /// <param name="made">Characters that stand for what is before the place up to which it has gone out.</param>
    private void Reach(int end, int made)
    {
        while (_marks is { Count: > 0 } && _marks.Peek() - _offset is var place && place <= end)
        {
            _marks.Dequeue();
            (_cuts ??= []).Add((_buffer?.Length ?? 0) + _made + made + (int)Math.Max(0, place - _emitted));
        }
    }

    /// <summary>Keeps what could be shown until the answer has ended; of one that was stopped, nothing is.</summary>
    private async ValueTask<ReadOnlyMemory<char>> BufferAsync(string chunk, bool isLast, CancellationToken cancellationToken)
    {
        _buffer!.Append(await GiveOutAsync(chunk, isLast, cancellationToken));
        (_made, _isWhole) = (0, isLast);
        if (Stopped is not null)
        {
            _buffer.Clear();
        }

        if (!isLast)
        {
            return default;
        }

        var whole = _buffer.ToString().AsMemory();
        _buffer.Clear();
        return whole;
    }

    /// <summary>What goes out is read for pieces of canary tokens, each of which may go out alone.</summary>
    private async ValueTask<ReadOnlyMemory<char>> GiveOutAsync(string chunk, bool isLast, CancellationToken cancellationToken)
    {
        var released = await AdvanceAsync(chunk, isLast, cancellationToken);
        if (_pieces is null || _pieces.Read(released.Span) is not (>= 0 and var end))
        {
            return released;
        }

        _pieces = null;
        Found?.Add(CanaryFragments.Finding);
        var inspection = await pipeline.RecordAsync(new OutputWindow("") { Offset = _offset }, run, CanaryFragments.Finding, cancellationToken);
        Stopped = inspection.MayProceed ? Stopped : inspection;
        return inspection.MayProceed ? released : released[..end];
    }

    private async ValueTask<ReadOnlyMemory<char>> AdvanceAsync(string chunk, bool isLast, CancellationToken cancellationToken)
    {
        if (Stopped is not null)
        {
            return default;
        }

        if (!isLast && IsTooSoon())
        {
            return default;
        }

        if (!_isMonitor && _offset + _count >= (long)pipeline.Policy.MaxOutput + Horizon)
        {
            _count = (int)(pipeline.Policy.MaxOutput + Horizon - _offset);
            isLast = true;   // it ends here, whatever follows
        }

        var isClean = false;
        var settled = isLast ? _count : Settled(out isClean);
        if (_failure is not null)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Stopped = await pipeline.RecordAsync(new OutputWindow("") { Offset = _offset }, run, Finding.Failed("output/failed", _failure), cancellationToken);
            return default;
        }

        WaitBehind(settled);
        if (settled - _settled == 0 && _count - _settled > MaxUnsettled && !_isMonitor)
        {
            Stopped = await pipeline.RecordAsync(new OutputWindow("") { Offset = _offset }, run, Finding.Block("output/unreadable", "thousands of characters that nobody can see"), cancellationToken);
            return default;
        }

        if (settled == _settled && !isLast)
        {
            return default;
        }

        if (isClean && _offset + settled <= pipeline.Policy.MaxOutput)
        {
            return Pass(settled, chunk);
        }

        settled -= Forget(Copied);
        var text = new string(_window, 0, _count);

        // What fits is judged before the rest is found too long, so that the limit hides no other finding.
        var fits = (int)Math.Clamp(pipeline.Policy.MaxOutput - _offset, _settled, settled);
        fits = fits < settled && Splits(text, fits) ? fits - 1 : fits;
        var released = fits < settled && fits > _settled ? await JudgeAsync(text, fits, fits, cancellationToken) : "";
        if (Stopped is null)
        {
            released += await JudgeAsync(text, settled, isLast ? int.MaxValue : settled, cancellationToken);
        }

        return released.AsMemory();
    }

    /// <summary>What the readers have read, they do not read again with each character.</summary>
    private void WaitBehind(int settled)
    {
        var patience = _isHeld || _sieve is null ? Patience : 1;
        (_look, _clear) = (_isHeld || _isHeldInLanes ? _count + ((_count - settled) / patience) : 0, _sieve?.Clear ?? 0);
    }

    /// <summary>Whether too little has come since something was held back.</summary>
    private bool IsTooSoon()
    {
        if (_count >= _look || _offset + _count > pipeline.Policy.MaxOutput)
        {
            return false;
        }

        if (_isHeld || _sieve is null)
        {
            return true;
        }

        _sieve.Read(_window.AsSpan(0, _count));
        return _sieve.Clear <= _clear;
    }

    /// <summary>Lets what is clean out.</summary>
    private ReadOnlyMemory<char> Pass(int settled, string chunk)
    {
        WaitBehind(settled);
        var end = Math.Max(_emitted, settled);
        var isChunk = end == _count && _count - _emitted == chunk.Length;
        var clean = isChunk ? chunk.AsMemory() : _window.AsMemory(_emitted, end - _emitted);
        Reach(end, made: 0);
        _made += clean.Length;
        (_settled, _emitted) = (settled, end);
        return clean;
    }

    private async ValueTask<string> JudgeAsync(string text, int settled, int before, CancellationToken cancellationToken)
    {
        var window = Window(text, before);
        var context = new GuardContext(run.Session, SessionState.Empty, null, pipeline.Services.Now, default);
        var verdict = await pipeline.AskGuardsAsync(window, context, cancellationToken);
        var end = settled;
        if (!ReferenceEquals(verdict, Verdict.None))
        {
            var inspection = await pipeline.InspectAsync(window, run, cancellationToken);
            verdict = inspection.Verdict;
            Found?.AddRange(verdict.Findings.Select(finding => finding.Range is { } range ? finding with { Range = new((int)(_offset + range.Start), (int)(_offset + range.End)) } : finding));
            if (!inspection.MayProceed)
            {
                Stopped = inspection;
                end = EndBefore(verdict, text, settled);
            }
        }

        if (_isMonitor)
        {
            Reach(settled, made: 0);
        }

        var released = _isMonitor ? text[_emitted..Math.Max(_emitted, settled)] : Release(text, verdict, end);
        _made += released.Length;
        _emitted = Math.Max(_emitted, end);
        _settled = settled;
        return released;
    }

    private OutputWindow Window(string text, int before) => new(text) { Offset = _offset, From = _settled, Before = before, Memory = run.Answers, Fence = _fence, FenceAt = _fenceAt };

    private void Append(string chunk)
    {
        if (_count + chunk.Length > _window.Length)
        {
            Array.Resize(ref _window, Math.Max(Smallest, Math.Max(2 * _window.Length, _count + chunk.Length)));
        }

        chunk.CopyTo(0, _window, _count, chunk.Length);
        _count += chunk.Length;
    }

    /// <summary>Up to where the window is judged for good. A reader that throws has read nothing.</summary>
    private int Settled(out bool isClean)
    {
        try
        {
            return Read(out isClean);
        }
        catch (Exception e)
        {
            _failure = e.GetType().Name;
            isClean = false;
            return _settled;
        }
    }

    private int Read(out bool isClean)
    {
        var text = _window.AsSpan(0, _count);
        var settled = text.Length;
        isClean = pipeline.Policy.KeepsUnread;   // else others read it too
        var readers = pipeline.Policy.OutputReaders;
        _sieve?.Read(text);
        var asked = _sieve?.Asked(text, _settled) ?? OutputSieve.All;
        (_isHeld, _isHeldInLanes) = (false, false);
        if (asked == 0 && _sieve!.Clear <= _settled)
        {
            return _settled;   // whatever the others say
        }

        var place = new OutputPlace(_settled, run.Answers, _progress);
        var (unread, unfound, isDone) = (_count, true, asked == OutputSieve.All);   // by the readers of lanes
        for (var i = 0; i < _resumes.Length; i++)
        {
            var lanes = readers[i].Lanes;
            if (lanes != 0 && (lanes & asked) == 0)
            {
                _resumes[i] = Math.Max(_resumes[i], _sieve!.Clear);
                settled = Math.Min(settled, _sieve.Clear);
                continue;
            }

            var read = readers[i].Settled(text, place, ref _resumes[i], out var isUnfound);
            settled = Math.Min(settled, read);
            isClean &= isUnfound;
            if (lanes == 0)
            {
                _isHeld |= read < _count;
            }
            else
            {
                _isHeldInLanes |= read < _count;
                (unread, unfound, isDone) = (Math.Min(unread, read), unfound && isUnfound, isDone && isUnfound && _resumes[i] == _count);
            }
        }

        if (isDone && settled == _count)
        {
            _sieve?.BeginBehind(text);
        }
        else if (unfound)
        {
            _sieve?.FoundNothing(asked, unread);
        }

        for (var above = int.MaxValue; settled < above && !isClean;)
        {
            above = settled;
            for (var i = 0; i < _resumes.Length; i++)
            {
                settled = readers[i].Floor(text, _settled, settled);   // those before it have to see where it is now
            }
        }

        settled = Math.Max(_settled, settled);
        return settled > _settled && (Splits(text, settled) || (settled == text.Length && char.IsHighSurrogate(text[^1]))) ? settled - 1 : settled;
    }

    private static bool Splits(ReadOnlySpan<char> text, int position) =>
        position > 0 && position < text.Length && char.IsSurrogatePair(text[position - 1], text[position]);

    /// <summary>Nothing of a violation goes out.</summary>
    private int EndBefore(Verdict verdict, string text, int settled)
    {
        var end = settled;
        foreach (var finding in verdict.Findings)
        {
            if (finding.Decision >= Decision.Ask)
            {
                end = Math.Min(end, RangeOf(finding, text)?.Start ?? _emitted);
            }
        }

        return Splits(text, end) ? end - 1 : end;
    }

    private string Release(string text, Verdict verdict, int end)
    {
        var released = new StringBuilder();
        foreach (var (range, replacement) in verdict.Findings.Where(static finding => finding.Decision == Decision.Redact).Select(finding => (Range: RangeOf(finding, text) ?? new(_settled, end), finding.Replacement)).OrderBy(static found => found.Range.Start))
        {
            if (range.Start >= end)
            {
                break;
            }

            if (range.Start >= _emitted && range.Start > _redacted)
            {
                Reach(range.Start, released.Length);
                released.Append(text, _emitted, range.Start - _emitted).Append(replacement);
            }

            _emitted = Math.Max(_emitted, range.End);   // a range that touches the last one is one with it
            _redacted = Math.Max(_redacted, range.End);
            Reach(_emitted, released.Length);
        }

        Reach(end, released.Length);
        if (end > _emitted)
        {
            released.Append(text, _emitted, end - _emitted);
        }

        return released.ToString();
    }

    /// <summary>Null: about the whole, or nobody can say about what.</summary>
    private static TextRange? RangeOf(Finding finding, string text) =>
        finding.Range is { Start: >= 0 } range && range.Start <= range.End && range.End <= text.Length ? range : null;

    /// <returns>How many characters of the window are gone.</returns>
    private int Forget(int kept)
    {
        var judged = Math.Min(_settled, _emitted);
        if (judged == 0 || (judged < kept && !pipeline.Policy.OnlyCountsOutput))
        {
            return 0;
        }

        var text = _window.AsSpan(0, judged);
        var cut = pipeline.Policy.OnlyCountsOutput ? judged : judged - Context;
        foreach (var reader in pipeline.Policy.OutputReaders)
        {
            cut = Math.Min(cut, reader.ContextOf(text));
        }

        cut = Math.Max(cut, 0);
        cut = Splits(text, cut) ? cut - 1 : cut;
        _fence = cut > _fenceAt ? _fence.Behind(text[_fenceAt..cut]) : _fence;
        _fenceAt = Math.Max(0, _fenceAt - cut);
        _window.AsSpan(cut, _count - cut).CopyTo(_window);
        _count -= cut;
        foreach (ref var resume in _resumes.AsSpan())
        {
            resume = Math.Max(0, resume - cut);
        }

        _sieve?.Forget(cut);
        _offset += cut;
        _settled -= cut;
        _emitted -= cut;
        _redacted -= cut;
        _look -= cut;
        _clear -= cut;
        return cut;
    }
}
