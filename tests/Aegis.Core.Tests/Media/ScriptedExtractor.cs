using Aegis.Media;

namespace Aegis.Core.Tests.Media;

/// <summary>Reads what a test says.</summary>
internal sealed class ScriptedExtractor(Func<MediaContent, CancellationToken, ValueTask<ExtractedText>> read) : ITextExtractor
{
    private int _calls;

    public ScriptedExtractor(ExtractedText? text)
        : this((_, _) => new(text!))
    {
    }

    public int Calls => _calls;

    public ValueTask<ExtractedText> ExtractAsync(MediaContent media, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _calls);
        return read(media, cancellationToken);
    }
}
