using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Aegis.Answers;
using Aegis.Tools;

namespace Aegis.Replaying;

/// <summary>Subjects as bytes.</summary>
internal static class SubjectCodec
{
    private enum Kind : byte
    {
        Input = 1,
        Definition,
        Step,
        Call,
        Result,
        Window,
        Output,
    }

    public static void Write(TapeWriter writer, Subject subject)
    {
        switch (subject)
        {
            case UserInput input:
                WriteText(writer, Kind.Input, input);
                writer.Byte((byte)input.Role);
                writer.Byte((byte)((input.IsJoined ? 1 : 0) | (input.IsRendered ? 2 : 0) | (input.IsAttached ? 4 : 0) | (input.IsPast ? 8 : 0)));
                writer.Optional(input.Pieces, pieces => writer.All(pieces, writer.Text));
                break;
            case ToolDefinition definition:
                WriteText(writer, Kind.Definition, definition);
                writer.Name(definition.Tool);
                break;
            case ModelStep step:
                writer.Byte((byte)Kind.Step);
                WriteStep(writer, step);
                break;
            case ToolCall call:
                writer.Byte((byte)Kind.Call);
                WriteCall(writer, call);
                break;
            case ToolResult result:
                WriteText(writer, Kind.Result, result);
                writer.Name(result.Tool);
                writer.Hash(result.CallHash);
                writer.Text(result.Data is { } data ? RawOf(data) : null);
                writer.Name(result.LocalName);
                break;
            case OutputWindow window:
                WriteText(writer, Kind.Window, window);
                writer.Number(window.Offset);
                writer.Number(window.From);
                writer.Number(window.Before);
                writer.Number(window.FenceAt);
                writer.Bytes(window.Fence.ToBytes());
                writer.Optional(window.Memory, memory => WriteMemory(writer, memory));
                break;
            case ModelOutput output:
                WriteText(writer, Kind.Output, output);
                writer.Number(output.Calls);
                WorkCodec.Write(writer, output.Usage);
                writer.Flag(output.Streamed);
                writer.Flag(output.IsEstimated);
                writer.Optional(output.Step, step => WriteStep(writer, step));
                writer.All(output.Settles, reservation => WorkCodec.Write(writer, reservation));
                writer.Optional(output.Reserved, reservation => WorkCodec.Write(writer, reservation));
                break;
            default:
                throw new InvalidOperationException($"'{subject.GetType().Name}' is not a subject of Aegis.");
        }
    }

    public static Subject Read(TapeReader reader)
    {
        var kind = (Kind)reader.Byte();
        return kind switch
        {
            Kind.Step => ReadStep(reader),
            Kind.Call => ReadCall(reader),
            _ => ReadText(reader, kind),
        };
    }

    public static TapeCodec<ToolArguments> Arguments { get; } = new(
        static (writer, arguments) =>
        {
            writer.Name(arguments.Refusal);
            writer.Text(arguments.Refusal is null ? arguments.Canonical : null);
        },
        static reader => (reader.Text(), reader.Text()) switch
        {
            ({ } refusal, _) => ToolArguments.OfRefusal(refusal),
            (null, "") => ToolArguments.Empty,   // not kept
            (null, { } canonical) => ToolArguments.OfCanonical(canonical),
            _ => throw TapeReader.Malformed(),
        });

    private static void WriteText(TapeWriter writer, Kind kind, TextSubject subject)
    {
        writer.Byte((byte)kind);
        writer.Text(subject.Text);
        writer.Optional(subject.MediaRisk, writer.Fixed);
    }

    private static TextSubject ReadText(TapeReader reader, Kind kind)
    {
        var text = reader.Name();
        var risk = reader.OptionalValue(reader.Double);
        TextSubject subject = kind switch
        {
            Kind.Input => ReadInput(reader, text),
            Kind.Definition => new ToolDefinition(reader.Name(), text),
            Kind.Result => ReadResult(reader, text),
            Kind.Window => ReadWindow(reader, text),
            Kind.Output => ReadOutput(reader, text),
            _ => throw TapeReader.Malformed(),
        };
        return subject with { MediaRisk = risk };
    }

    private static UserInput ReadInput(TapeReader reader, string text)
    {
        var (role, marks) = ((InputRole)reader.Byte(), reader.Byte());
        return new(text)
        {
            Role = role,
            IsJoined = (marks & 1) != 0,
            IsRendered = (marks & 2) != 0,
            IsAttached = (marks & 4) != 0,
            IsPast = (marks & 8) != 0,
            Pieces = reader.Optional(reader.Names),
        };
    }

    private static ToolResult ReadResult(TapeReader reader, string text)
    {
        var (tool, hash, data, local) = (reader.Name(), reader.Fixed(), reader.Text(), reader.Text());
        return new(tool, text) { CallHash = hash, Data = data is null or "" ? null : Json(data), LocalName = local };
    }

    private static OutputWindow ReadWindow(TapeReader reader, string text)
    {
        var (offset, from, before, at) = (reader.Number(), (int)reader.Number(), (int)reader.Number(), (int)reader.Number());
        return new(text) { Offset = offset, From = from, Before = before, FenceAt = at, Fence = CodeFence.FromBytes(reader.Bytes()), Memory = reader.Optional(() => ReadMemory(reader)) };
    }

    private static ModelOutput ReadOutput(TapeReader reader, string text)
    {
        var (calls, usage, streamed, estimated) = ((int)reader.Number(), WorkCodec.ReadUsage(reader), reader.Flag(), reader.Flag());
        return new(text)
        {
            Calls = calls,
            Usage = usage,
            Streamed = streamed,
            IsEstimated = estimated,
            Step = reader.Optional(() => ReadStep(reader)),
            Settles = reader.All(() => WorkCodec.ReadReservation(reader)),
            Reserved = reader.Optional(() => WorkCodec.ReadReservation(reader)),
        };
    }

    private static void WriteStep(TapeWriter writer, ModelStep step)
    {
        writer.Shared(step.Tools, tools => ToolsetCodec.Write(writer, tools));
        writer.Flag(step.Closing);
        writer.Optional(step.Estimate, usage => WorkCodec.Write(writer, usage));
        writer.Optional(step.Reserved, reservation => WorkCodec.Write(writer, reservation));
    }

    private static ModelStep ReadStep(TapeReader reader) => new(reader.Shared(() => ToolsetCodec.Read(reader)))
    {
        Closing = reader.Flag(),
        Estimate = reader.OptionalValue(() => WorkCodec.ReadUsage(reader)),
        Reserved = reader.Optional(() => WorkCodec.ReadReservation(reader)),
    };

    private static void WriteCall(TapeWriter writer, ToolCall call)
    {
        writer.Name(call.Tool);
        Arguments.Write(writer, call.Arguments);
        writer.Optional(call.Tools, tools => writer.Shared(tools, all => ToolsetCodec.Write(writer, all)));
        writer.Byte((byte)((call.Approved ? 1 : 0) | (call.Editable ? 2 : 0) | (call.IsHosted ? 4 : 0)));
        writer.Optional(call.Shown, arguments => Arguments.Write(writer, arguments));
        writer.All(call.Replaced, writer.Text);
        writer.Optional(call.Running, tool => ToolsetCodec.Write(writer, tool));
        writer.Optional(call.Masked, finding => VerdictCodec.Write(writer, finding));
        writer.Optional(call.Tasks, tasks => ToolsetCodec.Write(writer, tasks));
    }

    private static ToolCall ReadCall(TapeReader reader)
    {
        var (tool, arguments, tools, marks) = (reader.Name(), Arguments.Read(reader), reader.Optional(() => reader.Shared(() => ToolsetCodec.Read(reader))), reader.Byte());
        return new(tool, arguments)
        {
            Tools = tools,
            Approved = (marks & 1) != 0,
            Editable = (marks & 2) != 0,
            IsHosted = (marks & 4) != 0,
            Shown = reader.Optional(() => Arguments.Read(reader)),
            Replaced = reader.Names(),
            Running = reader.Optional(() => ToolsetCodec.ReadTool(reader).Tool),
            Masked = reader.Optional(() => VerdictCodec.ReadFinding(reader)),
            Tasks = reader.Optional(() => ToolsetCodec.ReadTasks(reader)),
        };
    }

    private static void WriteMemory(TapeWriter writer, AnswerMemory memory)
    {
        writer.All([.. memory.Instructions.ToArray().Select(static instructions => instructions.Text)], writer.Text);
        writer.All(memory.Said, said =>
        {
            writer.Text(said.Token);
            writer.Fixed((ulong)(said.Places >> 64));
            writer.Fixed((ulong)said.Places);
        });
    }

    private static AnswerMemory ReadMemory(TapeReader reader)
    {
        var memory = new AnswerMemory();
        reader.All(() => new InstructionText(reader.Name())).ForEach(memory.Protect);
        reader.All(() => memory.Say(reader.Name(), new(reader.Fixed(), reader.Fixed())));
        return memory;
    }

    private static string RawOf(JsonElement json) => Encoding.UTF8.GetString(JsonMarshal.GetRawUtf8Value(json));

    private static JsonElement Json(string text)
    {
        using var document = JsonDocument.Parse(text, new() { MaxDepth = 1_024 });
        return document.RootElement.Clone();
    }
}
