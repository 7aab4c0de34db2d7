using System.Text.Json;

namespace Aegis.Tokens;

/// <summary>Reads a <c>tokenizer.json</c> of the kind Unigram as the SentencePiece model that it was made from. A part that is not known refuses it: texts would be read as others.</summary>
internal static class TokenizerJson
{
    private const string Unigram = "Unigram";
    private const string Space = "▁";

    private static readonly string[] Blanks = [" {2,}", " ", "\n", "\r", "\t"];

    private enum Piece
    {
        Normal = 1,
        Unknown = 2,
        Control = 3,
    }

    /// <returns>The SentencePiece model, or what is wrong.</returns>
    public static (byte[]? File, string? Mistake) Read(byte[] json, OnnxTokenizer tokenizer)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement;
        var model = root.GetProperty("model");
        if (Type(model) != Unigram)
        {
            return (null, "Its model is not of the kind Unigram. Give the vocab.txt of a WordPiece model with OnnxTokenizer.WordPiece, the vocab.json and merges.txt of byte pairs with OnnxTokenizer.BytePairs.");
        }

        byte[] map = [];
        if (Parts(root, "normalizer", "normalizers").FirstOrDefault(part => !IsKnownNormalizer(part, ref map)) is { ValueKind: JsonValueKind.Object }
            || Parts(root, "pre_tokenizer", "pretokenizers").FirstOrDefault(static part => !IsKnownDivision(part)) is { ValueKind: JsonValueKind.Object }
            || (model.TryGetProperty("byte_fallback", out var falls) && falls.ValueKind == JsonValueKind.True))
        {
            return (null, "It normalises or divides texts in a way that is not known here. Give the model's spm.model with OnnxTokenizer.SentencePiece if it has one, or bring an ITextClassifier of your own.");
        }

        var unknown = model.GetProperty("unk_id").GetInt32();
        var special = root.GetProperty("added_tokens").EnumerateArray().Where(static token => token.GetProperty("special").GetBoolean()).Select(static token => token.GetProperty("id").GetInt32()).ToHashSet();
        var (file, ids, names) = (new WireWriter(), new Dictionary<string, int>(StringComparer.Ordinal), new List<string>());
        foreach (var entry in model.GetProperty("vocab").EnumerateArray())
        {
            var (name, id) = (entry[0].GetString()!, names.Count);
            var kind = id == unknown ? Piece.Unknown : special.Contains(id) ? Piece.Control : Piece.Normal;
            file.Message(1, new WireWriter().Text(1, name).Number(2, entry[1].GetSingle()).Number(3, (int)kind));
            ids.Add(name, id);
            names.Add(name);
        }

        var mistakes = new List<OnnxClassifierError>();
        if (SpecialTokens.Find(tokenizer, ids, mistakes) is not { } found)
        {
            return (null, string.Join(' ', mistakes.Select(static mistake => $"{mistake.Member}: {mistake.Message}")));
        }

        file.Message(2, new WireWriter().Number(3, 1).Number(40, unknown).Number(41, found.Start).Number(42, found.End).Number(43, found.Padding)
            .Text(45, names[unknown]).Text(46, names[found.Start]).Text(47, names[found.End]).Text(48, names[found.Padding]));
        file.Message(3, new WireWriter().Text(1, "json").Bytes(2, map).Number(3, 1).Number(4, 1).Number(5, 1));
        return (file.ToArray(), null);
    }

    /// <summary>Blanks are divided at in any case, so what is done to them does not matter.</summary>
    private static bool IsKnownNormalizer(JsonElement part, ref byte[] map)
    {
        switch (Type(part))
        {
            case "Strip":
                return true;
            case "Precompiled" when map.Length == 0:
                map = part.GetProperty("precompiled_charsmap").GetBytesFromBase64();
                return true;
            case "Replace":
                var pattern = part.GetProperty("pattern");
                return (pattern.TryGetProperty("Regex", out var of) || pattern.TryGetProperty("String", out of)) && Blanks.Contains(of.GetString(), StringComparer.Ordinal)
                    && part.GetProperty("content").GetString() is " " or Space;
            default:
                return false;
        }
    }

    private static bool IsKnownDivision(JsonElement part) => Type(part) switch
    {
        "WhitespaceSplit" => true,
        "Metaspace" => part.GetProperty("replacement").GetString() == Space
            && !(part.TryGetProperty("prepend_scheme", out var scheme) && scheme.GetString() == "never") && !(part.TryGetProperty("add_prefix_space", out var adds) && adds.ValueKind == JsonValueKind.False),
        _ => false,
    };

    private static JsonElement[] Parts(JsonElement root, string member, string many) =>
        !root.TryGetProperty(member, out var part) || part.ValueKind == JsonValueKind.Null ? []
        : Type(part) == "Sequence" ? [.. part.GetProperty(many).EnumerateArray()]
        : [part];

    private static string? Type(JsonElement part) => part.GetProperty("type").GetString();
}
