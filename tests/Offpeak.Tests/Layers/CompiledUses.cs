using System.Reflection;
using System.Reflection.Emit;

namespace Offpeak.Tests.Layers;

/// <summary>Which types of an assembly use which others of it, read from what was compiled: no <c>using</c> is needed to be seen here.</summary>
internal static class CompiledUses
{
    private const BindingFlags All = BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly Dictionary<short, OpCode> OpCodes = typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!).ToDictionary(code => code.Value);

    /// <summary>Pairs of top-level types: who uses, and what.</summary>
    public static IEnumerable<(string User, string Used)> Of(Assembly assembly) =>
        (from type in assembly.GetTypes()
         from used in UsesOf(type)
         from part in PartsOf(used)
         where part.Assembly == assembly
         select (NameOf(type), NameOf(part))).Distinct();

    private static IEnumerable<Type> UsesOf(Type type)
    {
        if (type.BaseType is { } baseType)
            yield return baseType;

        foreach (var used in type.GetInterfaces().Concat(type.GetFields(All).Select(field => field.FieldType)))
            yield return used;

        foreach (var method in type.GetMethods(All).Cast<MethodBase>().Concat(type.GetConstructors(All)))
        {
            foreach (var used in SignatureOf(method).Concat(BodyOf(method)))
                yield return used;
        }
    }

    private static IEnumerable<Type> SignatureOf(MethodBase method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType).Append((method as MethodInfo)?.ReturnType ?? typeof(void));

    private static IEnumerable<Type> BodyOf(MethodBase method)
    {
        if (method.GetMethodBody() is not { } body)
            return [];

        var clauses = body.ExceptionHandlingClauses.Where(clause => clause.Flags == ExceptionHandlingClauseOptions.Clause).Select(clause => clause.CatchType!);
        return body.LocalVariables.Select(local => local.LocalType).Concat(clauses).Concat(TokensOf(body.GetILAsByteArray()!).SelectMany(token => Resolve(method, token)));
    }

    private static List<int> TokensOf(byte[] code)
    {
        var tokens = new List<int>();
        for (var at = 0; at < code.Length;)
        {
            short value = code[at++];
            if (value == 0xFE)
                value = unchecked((short)(0xFE00 | code[at++]));

            var operand = OpCodes[value].OperandType;
            if (operand is OperandType.InlineField or OperandType.InlineMethod or OperandType.InlineTok or OperandType.InlineType)
                tokens.Add(BitConverter.ToInt32(code, at));

            at += operand switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }

        return tokens;
    }

    private static IEnumerable<Type> Resolve(MethodBase method, int token)
    {
        var ofType = method.DeclaringType!.IsGenericType ? method.DeclaringType.GetGenericArguments() : null;
        var ofMethod = method.IsGenericMethod ? method.GetGenericArguments() : null;
        return method.Module.ResolveMember(token, ofType, ofMethod) switch
        {
            Type type => [type],
            FieldInfo field => [field.DeclaringType!, field.FieldType],
            MethodBase called => [called.DeclaringType!, .. SignatureOf(called), .. called.IsGenericMethod ? called.GetGenericArguments() : []],
            _ => [],
        };
    }

    private static IEnumerable<Type> PartsOf(Type type)
    {
        if (type.HasElementType)
            return PartsOf(type.GetElementType()!);

        return type.IsGenericParameter ? [] : type.IsGenericType ? type.GetGenericArguments().SelectMany(PartsOf).Append(type) : [type];
    }

    private static string NameOf(Type type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;

        return type.Name.Split('`')[0];
    }
}
