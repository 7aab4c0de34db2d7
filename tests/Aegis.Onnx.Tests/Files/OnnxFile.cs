using System.Buffers.Binary;
using Aegis.Tokens;

namespace Aegis.Onnx.Tests.Files;

/// <summary>Writes a model whose logits are known: a bias, and for each token that the mask lets through a row of a table.</summary>
internal sealed record OnnxFile
{
    private const int Float = 1;
    private const int Int64 = 7;

    /// <summary>A row of logits for each token.</summary>
    public required float[][] Table { get; init; }

    public float[]? Bias { get; init; }

    /// <summary>Whether the model wants token types; type 1 would say attack.</summary>
    public bool HasTypes { get; init; }

    /// <summary>Tokens that the model has places for.</summary>
    public int? Positions { get; init; }

    public int? Batch { get; init; }

    public int? Sequence { get; init; }

    public string Ids { get; init; } = "input_ids";

    public string? Extra { get; init; }

    public string Output { get; init; } = "logits";

    public bool HasSecondOutput { get; init; }

    public bool SaysLengths { get; init; }   // an output [batch, 1, classes]

    public int IdsType { get; init; } = Int64;

    private int Classes => Table[0].Length;

    public byte[] Write()
    {
        var graph = new WireWriter().Text(2, "g");
        Tensor(graph, "table", [Table.Length, Classes], [.. Table.SelectMany(static row => row)]);
        Tensor(graph, "bias", [Classes], Bias ?? new float[Classes]);
        Numbers(graph, "one", [1]);
        Numbers(graph, "two", [2]);
        var ids = Ids;
        if (IdsType != Int64)
        {
            Node(graph, "Cast", ["input_ids"], "whole", static node => node.Message(5, new WireWriter().Text(1, "to").Number(3, Int64).Number(20, 2)));
            ids = "whole";
        }

        Node(graph, "Gather", ["table", ids], "rows");
        Node(graph, "Cast", ["attention_mask"], "weights", static node => node.Message(5, new WireWriter().Text(1, "to").Number(3, Float).Number(20, 2)));
        Node(graph, "Unsqueeze", ["weights", "two"], "columns");
        Node(graph, "Mul", ["rows", "columns"], "seen");
        var seen = "seen";
        if (HasTypes)
        {
            Tensor(graph, "types", [2, Classes], [.. new float[Classes], .. Enumerable.Repeat(0f, Classes - 1), 50f]);
            Node(graph, "Gather", ["types", "token_type_ids"], "typed");
            Node(graph, "Add", [seen, "typed"], "both");
            seen = "both";
        }

        if (Positions is { } positions)
        {
            Tensor(graph, "places", [positions + 1, Classes], new float[(positions + 1) * Classes]);
            Node(graph, "CumSum", ["attention_mask", "one"], "at");
            Node(graph, "Gather", ["places", "at"], "placed");
            Node(graph, "Add", [seen, "placed"], "there");
            seen = "there";
        }

        Node(graph, "ReduceSum", [seen, "one"], "sum", node => node.Message(5, new WireWriter().Text(1, "keepdims").Number(3, SaysLengths ? 1 : 0).Number(20, 2)));
        Node(graph, "Add", ["sum", "bias"], Output);
        Value(graph, 11, Ids, IdsType, [Batch, Sequence]);
        Value(graph, 11, "attention_mask", Int64, [Batch, Sequence]);
        if (HasTypes)
        {
            Value(graph, 11, "token_type_ids", Int64, [Batch, Sequence]);
        }

        if (Extra is { } extra)
        {
            Value(graph, 11, extra, Float, [null]);
        }

        Value(graph, 12, Output, Float, SaysLengths ? [Batch, 1, Classes] : [Batch, Classes]);
        if (HasSecondOutput)
        {
            Value(graph, 12, "rows", Float, [Batch, Sequence, Classes]);
        }

        return new WireWriter().Number(1, 8).Text(2, "tests").Message(7, graph).Message(8, new WireWriter().Text(1, "").Number(2, 17)).ToArray();
    }

    private static void Node(WireWriter graph, string operation, string[] inputs, string output, Action<WireWriter>? more = null)
    {
        var node = new WireWriter();
        foreach (var input in inputs)
        {
            node.Text(1, input);
        }

        node.Text(2, output).Text(3, output).Text(4, operation);
        more?.Invoke(node);
        graph.Message(1, node);
    }

    private static void Tensor(WireWriter graph, string name, long[] sizes, float[] values)
    {
        var bytes = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), values[i]);
        }

        Tensor(graph, name, sizes, Float, bytes);
    }

    private static void Numbers(WireWriter graph, string name, long[] values)
    {
        var bytes = new byte[values.Length * sizeof(long)];
        for (var i = 0; i < values.Length; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * sizeof(long)), values[i]);
        }

        Tensor(graph, name, [values.Length], Int64, bytes);
    }

    private static void Tensor(WireWriter graph, string name, long[] sizes, int type, byte[] bytes)
    {
        var tensor = new WireWriter();
        foreach (var size in sizes)
        {
            tensor.Number(1, size);
        }

        graph.Message(5, tensor.Number(2, type).Text(8, name).Bytes(9, bytes));
    }

    private static void Value(WireWriter graph, int field, string name, int type, int?[] sizes)
    {
        var shape = new WireWriter();
        foreach (var (index, size) in sizes.Index())
        {
            shape.Message(1, size is { } known ? new WireWriter().Number(1, known) : new WireWriter().Text(2, $"d{index}"));
        }

        graph.Message(field, new WireWriter().Text(1, name).Message(2, new WireWriter().Message(1, new WireWriter().Number(1, type).Message(2, shape))));
    }
}
