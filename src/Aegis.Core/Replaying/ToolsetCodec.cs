using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Aegis.Tools;

namespace Aegis.Replaying;

/// <summary>Tools as bytes. Where content is not kept, without descriptions and schemas, and with the risk that was seen in them.</summary>
internal static class ToolsetCodec
{
    public static void Write(TapeWriter writer, Toolset tools)
    {
        writer.All(tools.Offered, entry =>
        {
            Write(writer, entry.Tool);
            writer.Byte((byte)entry.Risk.Level);
        });
        writer.All(tools.Tools, tool => writer.Name(tool.Name));
        writer.All(tools.ShadowedTools, tool => Write(writer, tool));
        writer.Names([.. tools.Skeletons.Order(StringComparer.Ordinal)]);
        writer.Optional(tools.Tasks, tasks => Write(writer, tasks));
    }

    public static Toolset Read(TapeReader reader)
    {
        var offered = reader.All(() => (Tool: ReadTool(reader), Risk: (ToolRisk)reader.Byte()));
        var names = reader.Names();
        var shadowed = reader.All(() => ReadTool(reader).Tool);
        var skeletons = reader.Names();
        var tasks = reader.Optional(() => ReadTasks(reader));
        return Toolset.Restored([.. offered.Select(static one => (one.Tool.Tool, one.Tool.IsWhole ? (ToolRisk?)null : one.Risk))], names, [.. shadowed], skeletons, reader.Rules, tasks);
    }

    public static void Write(TapeWriter writer, ToolInfo tool)
    {
        writer.Flag(!writer.IsHashed);
        writer.Name(tool.Name);
        writer.Name(tool.LocalName);
        writer.Byte((byte)tool.Kind);
        writer.Byte((byte)((Said(tool.Destructive) << 6) | (Said(tool.ReadOnly) << 4) | (Said(tool.Idempotent) << 2) | Said(tool.OpenWorld)));
        writer.Text(tool.Server);   // an address may hold what only its users know
        writer.Text(tool.Description);
        writer.Text(tool.Title);
        writer.Text(tool.Schema is { } schema ? Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(schema)) : null);
    }

    public static (ToolInfo Tool, bool IsWhole) ReadTool(TapeReader reader)
    {
        var (isWhole, name, local, kind, said) = (reader.Flag(), reader.Name(), reader.Text(), (ToolKind)reader.Byte(), reader.Byte());
        var (server, description, title, schema) = (reader.Text(), reader.Text(), reader.Text(), reader.Text());
        return (new(name)
        {
            LocalName = local,
            Kind = kind,
            Destructive = Hint(said >> 6),
            ReadOnly = Hint(said >> 4),
            Idempotent = Hint(said >> 2),
            OpenWorld = Hint(said),
            Server = isWhole ? server : null,
            Description = isWhole ? description : null,
            Title = isWhole ? title : null,
            Schema = isWhole && schema is not null ? Json(schema) : null,
        }, isWhole);
    }

    public static void Write(TapeWriter writer, AegisTasks tasks) => writer.All(tasks.All, task =>
    {
        writer.Flag(task.AreNames);
        writer.Names([.. task.Tools]);
    });

    public static AegisTasks ReadTasks(TapeReader reader) => AegisTasks.Of([.. reader.All(() => AegisTask.Restored(reader.Flag(), reader.Names()))]);

    private static int Said(bool? hint) => hint switch { null => 0, false => 1, true => 2 };

    private static bool? Hint(int said) => (said & 3) switch { 0 => null, 1 => false, _ => true };

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text, new() { MaxDepth = 1_024 });
        return document.RootElement.Clone();
    }
}
