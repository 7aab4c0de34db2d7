using System.Text;
using Aegis.Policies;
using Aegis.Tools;

namespace Aegis.Media;

/// <summary>Asks an extractor about media that the policy allows, and believes nothing: not the declared type, not that an answer comes, not the answer.</summary>
/// <param name="extractor">Reads media.</param>
/// <param name="policy">Which media may enter.</param>
/// <param name="time">The clock.</param>
/// <param name="timeout">How long an answer may take.</param>
internal sealed class MediaReader(ITextExtractor extractor, MediaPolicy policy, TimeProvider time, TimeSpan timeout)
{
    public const string TooLarge = "media/too-large";
    public const string WrongType = "media/type";
    public const string Mismatch = "media/type-mismatch";
    public const string Unreadable = "media/unreadable";

    private const string Late = "timeout";
    private const double LeastRisk = 0.3;
    private const double RiskOfDoubt = 0.45;
    private const double RiskOfBlindness = 0.49;   // below every block line, above the judge's

    private readonly Glob[] _types = [.. policy.Types.Select(static text => new Glob(text))];

    /// <summary>Bytes at most.</summary>
    public int MaxSize => policy.MaxSize;

    /// <exception cref="OperationCanceledException">The caller has cancelled it.</exception>
    public async ValueTask<MediaReading> ReadAsync(MediaContent media, CancellationToken cancellationToken)
    {
        var declared = MediaTypes.Plain(media.MediaType);
        var wrong = media.Uri is null ? Check(declared, media.Data).Wrong : MediaTypes.IsOpen(declared) || Allows(declared) ? null : NotAllowed();
        if (wrong is not null)
        {
            return MediaReading.Refused(wrong);
        }

        var (read, failure) = await ExtractAsync(media, cancellationToken);
        if (read is null)
        {
            return MediaReading.Refused(failure!);
        }

        if (media.Uri is not null && read.Data is null)
        {
            return MediaReading.Unread;
        }

        var data = media.Uri is null ? media.Data : read.Data!.Value;
        var (type, refusal) = Check(declared, data);
        return refusal is not null ? MediaReading.Refused(refusal) : new(type!, data) { Text = TextOf(media, read), Risk = RiskOf(read) };
    }

    /// <summary>
    /// What a doubtful text may hide. With a confidence <c>c</c> below the policy's <c>m</c>: 0.3 + 0.45 (1 − c/m), and 0.3 + 0.49 (1 − c/m) when nothing at
    /// all was read, so that a reader that is blind adds the most.
    /// </summary>
    private double RiskOf(ExtractedText read) => read.Confidence >= policy.MinConfidence ? 0
        : LeastRisk + ((string.IsNullOrWhiteSpace(read.Text) ? RiskOfBlindness : RiskOfDoubt) * (1 - (read.Confidence / policy.MinConfidence)));

    private (string? Type, Finding? Wrong) Check(string declared, ReadOnlyMemory<byte> data)
    {
        if (data.Length > policy.MaxSize)
        {
            return (null, Finding.Block(TooLarge, FormattableString.Invariant($"input.media.maxSize: at most {policy.MaxSize} bytes")));
        }

        if (!MediaTypes.IsOpen(declared) && !Allows(declared))
        {
            return (null, NotAllowed());
        }

        var (type, instead) = MediaSignature.Check(declared, data.Span);
        return type is null ? (null, Finding.Block(Mismatch, $"the bytes are {instead}"))
            : !Allows(type) ? (null, NotAllowed())
            : (type, null);
    }

    private bool Allows(string type)
    {
        if (!ToolName.IsWellFormed(type))
        {
            return false;
        }

        var name = ToolName.Of(type);
        return Array.Exists(_types, glob => glob.MatchesPlain(name));
    }

    private static Finding NotAllowed() => Finding.Block(WrongType, "input.media.types");

    private async ValueTask<(ExtractedText? Read, Finding? Failure)> ExtractAsync(MediaContent media, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(timeout, time);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        using var inspecting = AegisAmbient.Inspecting();   // it may ask a model
        try
        {
            var read = await RunAsync(media, ends.Token).WaitAsync(ends.Token);
            cancellationToken.ThrowIfCancellationRequested();
            return read;
        }
        catch (OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return (null, Finding.Failed(Unreadable, Late));
        }
    }

    /// <summary>Never fails, so that it can be left behind.</summary>
    private Task<(ExtractedText? Read, Finding? Failure)> RunAsync(MediaContent media, CancellationToken cancellationToken) => Task.Run(() => AskAsync(media, cancellationToken), CancellationToken.None);

    private async Task<(ExtractedText? Read, Finding? Failure)> AskAsync(MediaContent media, CancellationToken cancellationToken)
    {
        try
        {
            var read = await extractor.ExtractAsync(media, cancellationToken);
            return read is not { Text: not null, Confidence: >= 0 and <= 1, Metadata: { } metadata } || metadata.Any(static entry => entry.Key is null || entry.Value is null)
                ? (null, Finding.Failed(Unreadable, "the extractor's answer makes no sense"))
                : (read, null);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return (null, Finding.Failed(Unreadable, Late));
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or EndOfStreamException)
        {
            return (null, Finding.Block(Unreadable, e.GetType().Name));   // the file is broken and not the extractor: anybody can send one
        }
        catch (Exception e)
        {
            return (null, Finding.Failed(Unreadable, e.GetType().Name));
        }
    }

    private static string TextOf(MediaContent media, ExtractedText read)
    {
        if (media.Name is null && read.Metadata.Count == 0)
        {
            return read.Text;
        }

        var text = new StringBuilder(read.Text);
        foreach (var (name, value) in read.Metadata)
        {
            text.Append('\n').Append(name).Append(": ").Append(value);
        }

        return media.Name is null ? text.ToString() : text.Append('\n').Append(media.Name).ToString();
    }
}
