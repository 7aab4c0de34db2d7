using System.Text;
using Aegis.Media;

namespace Aegis.ExtensionsAI.Tests;

/// <summary>Pictures of the tests say what stands in them behind their first bytes; so does what an address leads to.</summary>
internal sealed class ScriptedExtractor(Func<MediaContent, CancellationToken, ValueTask<ExtractedText>>? read = null) : ITextExtractor
{
    private static readonly byte[] Begin = [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A];

    private int _calls;

    public int Calls => _calls;

    public static byte[] Picture(string text) => [.. Begin, .. Encoding.UTF8.GetBytes(text)];

    public static ScriptedExtractor Says(ExtractedText? text) => new((_, _) => new(text!));

    public ValueTask<ExtractedText> ExtractAsync(MediaContent media, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        return read?.Invoke(media, cancellationToken) ?? new(new ExtractedText(Encoding.UTF8.GetString(media.Data.Span[Begin.Length..]), 0.9));
    }
}
