using System.Text;
using Aegis.Guarding;

namespace Aegis.Streaming;

/// <summary>
/// Lets an answer out as it arrives, holding back what may still become part of a finding. What comes out does not depend on how the text was cut
/// into chunks. Not thread-safe: one answer, one monitor.
/// </summary>
internal sealed class StreamMonitor(GuardPipeline pipeline, AegisRun run)
{
    private const int Context = 64;

    private readonly StringBuilder _window = new();
    private readonly bool _isMonitor = pipeline.Policy.IsMonitor;
    private long _offset;      // of the window in the answer
    private int _settled;      // in the window: everything that begins before is judged
    private int _emitted;      // in the window: everything before has gone out or was swallowed; at least _settled

    /// <summary>What ended the answer, or null.</summary>
    public Inspection? Stopped { get; private set; }

    /// <summary>Takes in the next piece and gives out what may be shown.</summary>
    public ValueTask<string> PushAsync(string chunk, CancellationToken cancellationToken) => Passes(chunk) ? new(chunk) : AdvanceAsync(chunk, isLast: false, cancellationToken);

    /// <summary>The answer has ended: gives out the rest.</summary>
    public ValueTask<string> FlushAsync(CancellationToken cancellationToken) => AdvanceAsync("", isLast: true, cancellationToken);

    /// <summary>Where the policy has no pattern for answers and no guard of the app's own reads them, only their length counts.</summary>
    public bool Passes(string chunk)
    {
        if (!pipeline.Policy.OnlyCountsOutput || Stopped is not null || _window.Length > 0 || _offset + chunk.Length > pipeline.Policy.MaxOutput)
        {
            return false;
        }

        _offset += chunk.Length;
        return true;
    }

    private async ValueTask<string> AdvanceAsync(string chunk, bool isLast, CancellationToken cancellationToken)
    {
        if (Stopped is not null)
        {
            return "";
        }

        if (chunk.Length == 0 && _window.Length == _emitted && !isLast)
        {
            return "";
        }

        _window.Append(chunk);
        var text = _window.ToString();
        var settled = isLast ? text.Length : Math.Max(_settled, pipeline.Policy.OutputPatterns?.Settled(text) ?? text.Length);
        if (settled < text.Length && settled > 0 && char.IsLowSurrogate(text[settled]) && char.IsHighSurrogate(text[settled - 1]))
        {
            settled--;
        }

        var window = new OutputWindow(text) { Offset = _offset, From = _settled, Before = isLast ? int.MaxValue : settled };
        var context = new GuardContext(run.Session, SessionState.Empty, null, pipeline.Services.Now, default);
        var verdict = await pipeline.AskGuardsAsync(window, context, cancellationToken);
        var end = settled;
        if (!ReferenceEquals(verdict, Verdict.None))
        {
            var inspection = await pipeline.InspectAsync(window, run, cancellationToken);
            verdict = inspection.Verdict;
            if (!inspection.MayProceed)
            {
                Stopped = inspection;
                end = EndBefore(inspection.Verdict, text, settled);
            }
        }

        var released = _isMonitor ? text[_emitted..settled] : Release(text, verdict, end);
        _emitted = Math.Max(_emitted, _isMonitor ? settled : end);
        _settled = settled;
        Forget();
        return released;
    }

    /// <summary>Nothing of a violation goes out; of an answer that is only too long, what fits does.</summary>
    private int EndBefore(Verdict verdict, string text, int settled)
    {
        var end = settled;
        foreach (var finding in verdict.Findings)
        {
            if (finding.Decision >= Decision.Ask)
            {
                end = Math.Min(end, finding.Range?.Start
                    ?? (string.Equals(finding.Rule, "output/length", StringComparison.Ordinal) ? (int)Math.Max(0, pipeline.Policy.MaxOutput - _offset) : _emitted));
            }
        }

        end = Math.Clamp(end, 0, text.Length);
        return end > 0 && end < text.Length && char.IsLowSurrogate(text[end]) ? end - 1 : end;
    }

    private string Release(string text, Verdict verdict, int end)
    {
        if (verdict.Findings.All(static finding => finding.Decision != Decision.Redact))
        {
            return end > _emitted ? text[_emitted..end] : "";
        }

        var released = new StringBuilder();
        foreach (var range in verdict.Findings.Where(static finding => finding.Decision == Decision.Redact).Select(finding => finding.Range ?? new(_settled, end)).OrderBy(static range => range.Start))
        {
            if (range.Start >= end)
            {
                break;
            }

            if (range.Start >= _emitted)
            {
                released.Append(text, _emitted, range.Start - _emitted).Append(Redaction.Placeholder);
            }

            _emitted = Math.Max(_emitted, range.End);   // a range that overlaps the last one is one with it
        }

        if (end > _emitted)
        {
            released.Append(text, _emitted, end - _emitted);
        }

        return released.ToString();
    }

    private void Forget()
    {
        var cut = Math.Min(_settled, _emitted) - Context;
        if (cut <= 0)
        {
            return;
        }

        if (char.IsLowSurrogate(_window[cut]))
        {
            cut--;
        }

        _window.Remove(0, cut);
        _offset += cut;
        _settled -= cut;
        _emitted -= cut;
    }
}
