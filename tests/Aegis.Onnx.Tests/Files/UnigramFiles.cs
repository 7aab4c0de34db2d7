using System.Buffers.Binary;
using System.Text;
using System.Text.Json;
using Aegis.Tokens;

namespace Aegis.Onnx.Tests.Files;

/// <summary>One Unigram tokenizer as a SentencePiece model and as a <c>tokenizer.json</c>, both written here.</summary>
internal static class UnigramFiles
{
    public static readonly (string Piece, float Score, int Type)[] Pieces =
    [
        ("[PAD]", 0, 3), ("[CLS]", 0, 3), ("[SEP]", 0, 3), ("[UNK]", 0, 2), ("▁ignore", -3, 1), ("▁previous", -3, 1), ("▁a", -4, 1), ("a", -5, 1), ("b", -5, 1), ("ab", -4, 1), ("▁", -6, 1), (".", -5, 1), ("i", -8, 1), ("日本", -4, 1), ("語", -4, 1), ("\u0301", -9, 1),
    ];

    /// <summary>Normalisations: a full-width letter, the accent that is a space and an accent, a ligature.</summary>
    private static readonly (string From, string To)[] Rules = [("ｉ", "i"), ("´", " \u0301"), ("㏂", "a.b."), ("\u00A0", " "), ("\u200B", " ")];

    public static byte[] Model(int type = 1, bool removesBlanks = true)
    {
        var file = new WireWriter();
        foreach (var (piece, score, kind) in Pieces)
        {
            file.Message(1, new WireWriter().Text(1, piece).Number(2, score).Number(3, kind));
        }

        return file.Message(2, new WireWriter().Number(3, type).Number(40, 3).Number(41, 1).Number(42, 2).Number(43, 0).Text(45, "[UNK]").Text(46, "[CLS]").Text(47, "[SEP]").Text(48, "[PAD]"))
            .Message(3, new WireWriter().Text(1, "nmt_nfkc").Bytes(2, Map()).Number(3, 1).Number(4, removesBlanks ? 1 : 0).Number(5, 1)).ToArray();
    }

    public static string Json(string model = "Unigram", string normalizer = """{"type":"Strip","strip_left":true,"strip_right":true}""", string division = """{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}""", bool bytes = false) => $$"""
        {
          "version": "1.0",
          "added_tokens": [ {"id":0,"content":"[PAD]","special":true}, {"id":1,"content":"[CLS]","special":true}, {"id":2,"content":"[SEP]","special":true}, {"id":16,"content":"[MASK]","special":true} ],
          "normalizer": {"type":"Sequence","normalizers":[ {{normalizer}}, {"type":"Precompiled","precompiled_charsmap":"{{Convert.ToBase64String(Map())}}"}, {"type":"Replace","pattern":{"Regex":" {2,}"},"content":" "} ]},
          "pre_tokenizer": {"type":"Sequence","pretokenizers":[ {{division}} ]},
          "model": {"type":"{{model}}","unk_id":3,"byte_fallback":{{(bytes ? "true" : "false")}},"vocab":{{JsonSerializer.Serialize(Pieces.Select(static piece => new object[] { piece.Piece, piece.Score }))}}}
        }
        """;

    /// <summary>SentencePiece's map of characters: a trie in an array, its size before it and the texts behind it.</summary>
    private static byte[] Map()
    {
        var (units, texts, next) = (new List<uint>(), new List<byte>(), 256);
        Grow(256);
        Place(0, Rules.Select(static rule => (Encoding.UTF8.GetBytes(rule.From), rule.To)).ToArray(), 0);
        var bytes = new byte[(units.Count + 1) * sizeof(uint)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, units.Count * sizeof(uint));
        for (var i = 0; i < units.Count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan((i + 1) * sizeof(uint)), units[i]);
        }

        return [.. bytes, .. texts];

        void Place(int at, (byte[] From, string To)[] rules, int depth)
        {
            var children = next;
            Grow(next += 256);
            units[at] |= (uint)(at ^ children) << 10;
            foreach (var group in rules.GroupBy(rule => depth < rule.From.Length ? rule.From[depth] : (byte?)null))
            {
                if (group.Key is { } label)
                {
                    units[children ^ label] = label;
                    Place(children ^ label, [.. group], depth + 1);
                }
                else
                {
                    units[at] |= 1u << 8;
                    units[children] = (uint)texts.Count | (1u << 31);
                    texts.AddRange([.. Encoding.UTF8.GetBytes(group.Single().To), 0]);
                }
            }
        }

        void Grow(int count)
        {
            while (units.Count < count)
            {
                units.Add(0);
            }
        }
    }
}
