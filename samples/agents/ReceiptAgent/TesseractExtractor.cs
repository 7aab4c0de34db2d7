using System.Globalization;
using System.Text;
using System.Text.Json;
using Aegis.Media;

namespace ReceiptAgent;

/// <summary>Reads pictures with the programs tesseract (what is written in them) and, where it is installed, exiftool (what hangs on them). Neither gets an address or a file's name.</summary>
internal sealed class TesseractExtractor : ITextExtractor
{
    private readonly bool _readsMetadata = ExternalTool.IsInstalled("exiftool");

    /// <summary>Whether it can read anything here.</summary>
    public static bool IsInstalled => ExternalTool.IsInstalled("tesseract");

    public async ValueTask<ExtractedText> ExtractAsync(MediaContent media, CancellationToken cancellationToken)
    {
        if (media.Uri is not null)
        {
            return new("", 0);   // it fetches nothing
        }

        if (!media.MediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase))
        {
            throw new NotSupportedException("Only pictures are read.");
        }

        var words = ExternalTool.RunAsync("tesseract", ["stdin", "stdout", "tsv"], media.Data, cancellationToken);
        var metadata = _readsMetadata ? ExternalTool.RunAsync("exiftool", ["-j", "-G1", "-all:all", "--ExifTool:all", "--System:all", "--Composite:all", "-"], media.Data, cancellationToken) : null;
        var (text, confidence) = Read(Encoding.UTF8.GetString(await words));
        return new(text, confidence) { Metadata = metadata is null ? [] : Texts(await metadata) };
    }

    /// <summary>The words line by line, and the mean of their confidences, long words counting more. Where no word was found nobody knows whether there is none.</summary>
    private static (string Text, double Confidence) Read(string table)
    {
        var text = new StringBuilder();
        var (line, sum, letters) = ("", 0.0, 0);
        foreach (var row in table.Split('\n').Skip(1))
        {
            // level, page, block, paragraph, line, word, left, top, width, height, confidence in percent, text
            if (row.TrimEnd('\r').Split('\t') is not ["5", var page, var block, var paragraph, var number, _, _, _, _, _, var percent, var word]
                || string.IsNullOrWhiteSpace(word) || !double.TryParse(percent, NumberStyles.Float, CultureInfo.InvariantCulture, out var confidence))
            {
                continue;
            }

            var here = $"{page} {block} {paragraph} {number}";
            text.Append(text.Length == 0 ? "" : string.Equals(here, line, StringComparison.Ordinal) ? " " : "\n").Append(word);
            line = here;
            sum += Math.Clamp(confidence / 100, 0, 1) * word.Length;
            letters += word.Length;
        }

        return (text.ToString(), letters == 0 ? 0 : Math.Clamp(sum / letters, 0, 1));
    }

    private static List<KeyValuePair<string, string>> Texts(byte[] json)
    {
        using var document = JsonDocument.Parse(json);
        var texts = new List<KeyValuePair<string, string>>();
        foreach (var entry in document.RootElement[0].EnumerateObject())
        {
            Add(entry.Name, entry.Value);
        }

        return texts;

        void Add(string name, JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Array)
            {
                foreach (var item in value.EnumerateArray())
                {
                    Add(name, item);
                }
            }
            else if (value.ValueKind == JsonValueKind.String && name != "SourceFile")
            {
                texts.Add(new(name, value.GetString()!));
            }
        }
    }
}
