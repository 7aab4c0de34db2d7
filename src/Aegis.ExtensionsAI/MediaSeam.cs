using Aegis.Guarding;
using Aegis.Media;
using Microsoft.Extensions.AI;

namespace Aegis.ExtensionsAI;

/// <summary>Pictures, recordings and files through the guard's extractor, each once. Without an extractor they are contents that no guard can read.</summary>
internal sealed class MediaSeam(GuardMemory memory)
{
    private const int MaxDepth = 64;

    /// <summary>Whether it is media that an extractor can be asked about.</summary>
    public static bool Reads(GuardPipeline pipeline, AIContent content) => pipeline.Media is not null && content is DataContent or UriContent;

    /// <summary>Identity of a content with inline bytes; of an address, only of that.</summary>
    public static UInt128 KeyOf(GuardPipeline pipeline, AIContent content)
    {
        if (content is UriContent uri)
        {
            return GuardMemory.KeyOf($"media-address/{uri.MediaType}", uri.Uri.OriginalString);
        }

        var data = (DataContent)content;
        return data.Data.Length > pipeline.Media!.MaxSize
            ? GuardMemory.KeyOf($"media-size/{data.MediaType}", data.Data.Length.ToString(System.Globalization.CultureInfo.InvariantCulture))   // too large to be read, also for its hash
            : KeyOf(data.MediaType, data.Name, data.Data);
    }

    /// <summary>Identity of bytes under a name.</summary>
    public static UInt128 KeyOf(string mediaType, string? name, ReadOnlyMemory<byte> data) => GuardMemory.KeyOf($"media/{mediaType}/{name}", data.Span);

    /// <summary>What stands in media.</summary>
    /// <param name="pipeline">What judges it.</param>
    /// <param name="session">Whose conversation it is.</param>
    /// <param name="content">A content that <see cref="Reads"/> says yes to.</param>
    /// <param name="key">Its identity.</param>
    /// <param name="isNew">Whether what could not be read before is tried again.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    public async ValueTask<MediaReading> ReadAsync(GuardPipeline pipeline, SessionId session, AIContent content, UInt128 key, bool isNew, CancellationToken cancellationToken)
    {
        if (memory.Media.TryGet(pipeline, session, key) is { } known && !(isNew && known.MayChange))
        {
            return known;
        }

        var reading = MediaOf(content) is { } media ? await pipeline.Media!.ReadAsync(media, cancellationToken) : MediaReading.Refused(Finding.Block(MediaReader.Unreadable, "not a data URI"));
        memory.Media.Remember(pipeline, session, key, content is UriContent ? reading : reading with { Data = default });
        return reading;
    }

    /// <summary>All media of a tool's result; null when there is none.</summary>
    public async ValueTask<MediaTexts?> ReadAllAsync(GuardPipeline pipeline, SessionId session, object? result, bool isNew, CancellationToken cancellationToken)
    {
        if (pipeline.Media is null)
        {
            return null;
        }

        var found = new List<AIContent>();
        var value = Find(result, found, 0);
        if (found.Count == 0)
        {
            return null;
        }

        var texts = new MediaTexts(value);
        foreach (var content in found)
        {
            if (TextData.Of(content) is { } text)
            {
                texts.Add(content, text, pipeline.Policy.IsMonitor ? content : Hosted.CopyOf(content)!);
                continue;
            }

            var key = KeyOf(pipeline, content);
            var reading = await ReadAsync(pipeline, session, content, key, isNew, cancellationToken);
            if (reading.Refusal is not null)
            {
                return new(value) { Refusal = reading.Refusal };
            }

            if (!reading.IsUnread)
            {
                texts.Add(content, reading, key, pipeline.Policy.IsMonitor ? content : Copies.Of(content, reading));
            }
        }

        return texts;
    }

    /// <summary>The same value with its media in a list that stays as it is.</summary>
    private static object? Find(object? value, List<AIContent> found, int depth)
    {
        switch (value)
        {
            case DataContent or UriContent:
                found.Add((AIContent)value);
                return value;
            case FunctionResultContent result when depth < MaxDepth:
                var inner = Find(result.Result, found, depth + 1);
                return ReferenceEquals(inner, result.Result) ? result : new FunctionResultContent(result.CallId, inner);
            case IEnumerable<AIContent> contents when depth < MaxDepth:
                return contents.Select(content => (AIContent)Find(content, found, depth + 1)!).ToList();
            default:
                return value;
        }
    }

    private static MediaContent? MediaOf(AIContent content)
    {
        if (content is not UriContent uri)
        {
            var data = (DataContent)content;
            return new(data.Data, data.MediaType) { Name = data.Name };
        }

        if (!string.Equals(uri.Uri.Scheme, "data", StringComparison.OrdinalIgnoreCase))
        {
            return new(uri.Uri, uri.MediaType);
        }

        try
        {
            return new(new DataContent(uri.Uri.OriginalString).Data, uri.MediaType);
        }
        catch (Exception e) when (e is UriFormatException or ArgumentException or FormatException)
        {
            return null;
        }
    }
}
